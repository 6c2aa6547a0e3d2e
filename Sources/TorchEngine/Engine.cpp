int torch_engine_placeholder() { return 0; }
