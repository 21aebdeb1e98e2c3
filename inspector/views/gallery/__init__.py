"""The gallery under every view of samples, on the screen: sorted, filtered, brushed, and marked by keys."""
