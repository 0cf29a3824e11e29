"""Where independent jobs run: this process, this machine's cores, or a cluster."""
