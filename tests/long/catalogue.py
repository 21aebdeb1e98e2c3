"""Every long check by name."""

from __future__ import annotations

from tests.long import (
    arc_learns,
    arc_slots_learns,
    bombs,
    checkpoint_samples,
    counting_learns,
    diagnosis_corpus,
    dump_steps,
    event_damage,
    faults,
    fleet,
    gallery_scroll,
    gpu,
    live_follow,
    log_damage,
    log_sequences,
    pickle_mutants,
    points_gallery,
    properties,
    resume_matrix,
    seeds_reenacted,
    slots_learns,
    small_mutants,
    torch_ranks,
    trainer_faults,
    trainer_kills,
    triage_kills,
    wandb_damage,
    watched_writers,
)
from tests.long.harness import Check

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (
        arc_learns,
        arc_slots_learns,
        bombs,
        checkpoint_samples,
        counting_learns,
        diagnosis_corpus,
        dump_steps,
        event_damage,
        faults,
        fleet,
        gallery_scroll,
        gpu,
        live_follow,
        log_damage,
        log_sequences,
        pickle_mutants,
        points_gallery,
        properties,
        resume_matrix,
        seeds_reenacted,
        slots_learns,
        small_mutants,
        torch_ranks,
        trainer_faults,
        trainer_kills,
        triage_kills,
        wandb_damage,
        watched_writers,
    )
}
