"""How a run of this program goes on while it trains: what it answered, and the rates that it began with."""
