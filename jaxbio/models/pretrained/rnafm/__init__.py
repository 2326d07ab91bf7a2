"""RNA-FM: a language model of non-coding RNA, in files of fairseq."""
