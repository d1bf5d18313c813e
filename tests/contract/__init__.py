"""What holds for every entity: a module that registers one inherits these tests and adds one example."""
