def roll_back(target_keys, draft_keys, drafts, kept):
    before = len(target_keys) - 1 - drafts  # of the text, but its last token
    first = len(draft_keys) - (drafts - 1)
    unread = max(1, kept - (drafts - 1) + 1)
    return target_keys[: before + 1 + kept], draft_keys[: first + kept], unread
