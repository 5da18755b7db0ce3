log "$lines" | sed 's/^/:: log /'
