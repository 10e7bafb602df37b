"""What `make bench` measures: a release build, next to the machine's own floor."""
