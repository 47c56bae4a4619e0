"""What things cost, as ratios of processes that run in turn on the same machine."""
