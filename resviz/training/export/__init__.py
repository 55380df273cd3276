"""A net as a file for other programs: PyTorch source and ONNX."""
