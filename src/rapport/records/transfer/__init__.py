"""Moving data in and out: read a file, map its columns, match, write in slices; write files; take an import back."""
