"""What deployment files say: the services that run, their variables and their commands. One module a format."""
