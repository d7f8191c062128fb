"""What the integration tests stand on: real processes and sockets, started, watched and ended."""
