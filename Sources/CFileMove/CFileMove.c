#define _GNU_SOURCE
#include "CFileMove.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ioctl.h>
#include <unistd.h>

int hdm_rename_exclusive(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

int hdm_lock_byte(int descriptor, int64_t offset) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    return fcntl(descriptor, F_OFD_SETLK, &range) == 0 ? 0 : errno;
}

int hdm_byte_lock_state(int descriptor, int64_t offset) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    if (fcntl(descriptor, F_OFD_GETLK, &range) != 0) return -errno;
    return range.l_type == F_UNLCK ? 0 : 1;
}

int hdm_clone(int from, int to) { return ioctl(to, FICLONE, from) == 0 ? 0 : errno; }

int64_t hdm_copy_range(int from, int to, int64_t offset, size_t length) {
    off_t in = offset, out = offset;
    ssize_t count;
    do {
        count = copy_file_range(from, &in, to, &out, length, 0);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

void hdm_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
