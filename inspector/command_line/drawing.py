"""`demo`, `shot` and `export`: the window, on screen and off, and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inspector.command_line.command import Command, Options
from inspector.command_line.numbers import dots_an_inch, size_px, smoothing_amount, stretch_of_x

if TYPE_CHECKING:
    import argparse


def _demo(options: Options) -> int:
    from inspector.app.launch import run_demo
    from inspector.app.shot import shot_sample

    return shot_sample(Path(options.shot)) if options.shot else run_demo()


def _shot(options: Options) -> int:
    from inspector.app.shot import Wanted, shot

    wanted = Wanted(
        paths=tuple(options.paths),
        view=options.view,
        out=options.output,
        sample=options.sample,
        step=options.step,
        theme=options.theme,
        scale=options.scale,
        width_px=options.size[0],
        height_px=options.size[1],
    )
    return shot(wanted)


def _export(options: Options) -> int:
    from inspector.app.export import Wanted, export

    x_range, placed_only = options.range
    wanted = Wanted(
        paths=tuple(options.paths),
        out=options.output,
        view=options.view,
        panels=tuple(options.panel),
        size=options.size,
        dpi=options.dpi,
        theme=options.theme,
        x_range=x_range,
        placed_only=placed_only,
        x=options.x,
        filter=options.filter,
        smoothing=options.smoothing,
        sample=options.sample,
        step=options.step,
        samples=options.samples,
        overwrite=options.overwrite,
    )
    if wanted.samples:
        from inspector.app.sample_export_command import export_samples

        return export_samples(wanted)
    return export(wanted)


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shot", metavar="OUT.png", help="draw the window into a picture; needs no display")


def _shot_arguments(parser: argparse.ArgumentParser) -> None:
    _place_arguments(parser)
    parser.set_defaults(view="")  # the one that fits best
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--scale", type=float, choices=(1.0, 1.5, 2.0), default=1.0)
    parser.add_argument("--size", type=size_px, default=(1600, 1000), metavar="WxH")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.png")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    _place_arguments(parser)
    parser.add_argument("--panel", action="append", default=[], metavar="NAME", help="only this card; may be repeated")
    parser.add_argument("--size", type=size_px, metavar="WxH", help="in pixels of 1/96 inch")
    parser.add_argument(
        "--dpi", type=dots_an_inch, default=192.0, metavar="N", help="of a PNG; it is as large on paper"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument(
        "--range", type=stretch_of_x, default=(None, False), metavar="all|visible|LOW:HIGH", help="which stretch of x"
    )
    parser.add_argument("--x", default="step", metavar="AXIS", help="step, epoch, time, wall, samples, or a metric")
    parser.add_argument("--filter", default="", metavar="GLOB", help="only these curves; /.../ is a regular expression")
    parser.add_argument("--smoothing", type=smoothing_amount, default=0.0, metavar="N", help="0 to 0.999")
    parser.add_argument(
        "--samples",
        default="",
        metavar="flagged|kept|shown|all|FILTER",
        help="of --view points, slots or features; kept are those that are not rejected, FILTER is as in the window",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file with samples")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help=".png, .svg, .pdf, .csv or .npz of curves; .csv, .json, .png, .pdf or FOLDER/ of samples",
    )


def _place_arguments(parser: argparse.ArgumentParser) -> None:
    """What is opened, in which view, and where in it."""
    from inspector.display.catalogue import CATALOGUE

    views = tuple(offer.key for offer in CATALOGUE if offer.tabbed)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--view", choices=views, default="curves")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="of a dump, from 0")
    parser.add_argument("--step", type=float, help="where the cursor stands; the newest without it")


COMMANDS = {
    "demo": Command(_demo, "open the bundled sample run", _demo_arguments),
    "shot": Command(_shot, "the real window, off screen, as a picture", _shot_arguments),
    "export": Command(
        _export, "a figure of the curves, their points, a picture of a view, or samples", _export_arguments
    ),
}
