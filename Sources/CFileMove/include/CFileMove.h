// Linux system calls that glibc declares only under _GNU_SOURCE or as macros, and that Swift therefore cannot import.
#ifndef HDM_CFILEMOVE_H
#define HDM_CFILEMOVE_H

#include <stddef.h>
#include <stdint.h>

/// Renames `from` to `to` in one step unless `to` exists: renameat2(2) with RENAME_NOREPLACE.
/// Returns 0, or the errno: EEXIST when `to` exists, EINVAL when the file system cannot do this.
int hdm_rename_exclusive(const char *from, const char *to);

/// Locks one byte of an open file for this open file description, without waiting: F_OFD_SETLK of fcntl(2).
/// Returns 0, or the errno: EAGAIN when another open file description has the lock.
int hdm_lock_byte(int descriptor, int64_t offset);

/// Returns 1 when another open file has locked the byte, 0 when none has, and a negative errno after an error.
int hdm_byte_lock_state(int descriptor, int64_t offset);

/// Makes the file `to` share the blocks of the file `from`: FICLONE of ioctl(2).
/// Returns 0, or the errno: EOPNOTSUPP, EINVAL or ENOTTY when the file system cannot do this, EXDEV between two.
int hdm_clone(int from, int to);

/// Copies up to `length` bytes at `offset` between two files inside the kernel: copy_file_range(2).
/// Returns the number of bytes copied, 0 at the end of `from`, or the negative errno.
int64_t hdm_copy_range(int from, int to, int64_t offset, size_t length);

/// Names the calling thread; the kernel cuts the name to 15 bytes.
void hdm_name_thread(const char *name);

#endif
