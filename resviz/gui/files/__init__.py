"""Where the window meets the disk: file dialogs, recent files, pictures as SVG, PDF and PNG."""
