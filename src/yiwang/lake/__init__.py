"""Tables at scale: collection, quality, lineage, snapshots, serving copies."""
