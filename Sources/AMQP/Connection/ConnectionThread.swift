import Foundation

/// The thread of a connection.
enum ConnectionThread {
    /// The size of the stack in bytes.
    ///
    /// librabbitmq 0.11 decodes nested headers by recursion. A frame of 131 072 bytes holds up to 26 000 levels, which
    /// need 2.9 MB (measured on x86-64). Where no limit is set (`ulimit -s unlimited`), the default stack has only 2 MB,
    /// so that one message would end the process. Only the pages in use take memory.
    static let stackSize = 16 << 20

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
