#define _GNU_SOURCE
#include "CFileMove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int hdm_rename_exclusive(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

int hdm_lock_byte(int descriptor, int64_t offset) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    return fcntl(descriptor, F_OFD_SETLK, &range) == 0 ? 0 : errno;
}
