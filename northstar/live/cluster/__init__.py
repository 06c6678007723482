"""One instance of a cluster, in which one leads and the others follow."""
