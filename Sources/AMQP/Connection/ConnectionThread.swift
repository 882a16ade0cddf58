import Foundation

/// The thread of a connection.
enum ConnectionThread {
    /// Names the running thread, for `top -H` and core dumps. Linux keeps the first 15 bytes; other systems ignore the call.
    ///
    /// `Thread.name` is not used: Foundation loses a name that the thread sets before `Thread.start()` has returned.
    static func name(_ name: String) {
        guard let file = FileHandle(forWritingAtPath: "/proc/thread-self/comm") else { return }
        // A thread without its name works as well.
        try? file.write(contentsOf: Data(name.utf8))
        try? file.close()
    }
}
