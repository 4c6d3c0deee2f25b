"""What a sync will cost: sizes of the site, from few requests, and the costs of its streams."""
