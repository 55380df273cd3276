"""What makes an application of the pages: actions, menus, settings, what is remembered, help."""
