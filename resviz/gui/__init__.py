"""What people see. The only room that imports PySide6 and pyqtgraph."""
