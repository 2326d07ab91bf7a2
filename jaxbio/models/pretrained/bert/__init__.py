"""BERT's shape: AntiBERTy, DNABERT, ProtBERT."""
