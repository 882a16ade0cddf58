import Foundation
import Synchronization

/// The output of a command, line by line. It waits for a slow reader and loses nothing. Logs use ``LogOutput``.
public enum StandardOutput {
    private static let firstFailure = Mutex<Int32?>(nil)

    /// Writes one line. A failure does not end the process; see ``failure``.
    @Sendable public static func write(_ line: String) {
        let number = Descriptor.write(line + "\n", to: STDOUT_FILENO)
        if number != 0 { firstFailure.withLock { $0 = $0 ?? number } }
    }

    /// The `errno` of the first line that could not be written, such as `EPIPE` when the reader has gone.
    public static var failure: Int32? { firstFailure.withLock(\.self) }
}

/// Messages of a command for people, on standard error.
public enum StandardError {
    /// Writes a text. A failure is ignored: nobody reads it.
    @Sendable public static func write(_ text: String) { _ = Descriptor.write(text, to: STDERR_FILENO) }
}

/// Writing to an open descriptor that may be a pipe, a terminal or a file.
enum Descriptor {
    /// Writes the whole text, and waits as long as the descriptor takes no more. The process must ignore SIGPIPE.
    /// - Returns: 0, or the `errno` of the failure.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if count < 0, errno == EAGAIN {
                    waitUntilWritable(descriptor)
                } else if count == 0 || errno != EINTR {
                    return count == 0 ? ENOSPC : errno
                }
            }
            return 0
        }
    }

    /// Another process may have made a shared pipe non-blocking.
    private static func waitUntilWritable(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, -1)
    }
}
