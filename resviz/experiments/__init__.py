"""Where trainers and run folders meet: sessions, sweeps, launchers, lessons and devices. No Qt."""
