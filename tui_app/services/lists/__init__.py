"""Lists that come in and records that go out."""
