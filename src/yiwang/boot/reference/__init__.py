"""Pages that are printed, not written: each module here gives ``pages(yiwang) -> {path: text}``.

``yiwang`` is the command line as a click group; paths are relative to the repository. `yiwang docs`
writes all pages; a house test demands that what stands in the repository is what would be printed.
"""
