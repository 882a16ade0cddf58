// Calls of Linux that Swift does not see, because glibc declares them only under _GNU_SOURCE.
#ifndef HDM_CFILEMOVE_H
#define HDM_CFILEMOVE_H

#include <stdint.h>

/// Renames `from` to `to` in one step unless `to` exists: renameat2(2).
/// Returns 0, or the errno: EEXIST when `to` is there, EINVAL where the file system cannot do this.
int hdm_rename_exclusive(const char *from, const char *to);

/// Locks one byte of an open file for this open file description, without waiting: F_OFD_SETLK of fcntl(2).
/// Returns 0, or the errno: EAGAIN when another open file description has it.
int hdm_lock_byte(int descriptor, int64_t offset);

#endif
