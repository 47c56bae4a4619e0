"""What things cost, as ratios of what runs in turn on the same machine."""
