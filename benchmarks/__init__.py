"""Programs that measure: quality on texts never seen, speed, scale. See README.md."""
