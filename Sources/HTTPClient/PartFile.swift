import Foundation

/// A download in the making: hidden beside its target, it becomes the target in one step or vanishes.
///
/// Every function blocks on the disk.
final class PartFile {
    private let target: String
    private let path: String
    private var descriptor: Int32

    init(for target: String) throws(HTTPClientError) {
        let name = (target as NSString).lastPathComponent
        let folder = (target as NSString).deletingLastPathComponent
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        self.target = target
        // Cut, because the whole name must stay within the 255 bytes of a file system's limit.
        path = (folder as NSString).appendingPathComponent(".\(name.prefix(40)).\(random).part")
        descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .file(step: "created", code: errno) }
    }

    deinit { discard() }

    func write(_ bytes: UnsafeRawBufferPointer) throws(HTTPClientError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .file(step: "written", code: count < 0 ? errno : EIO) }
            rest = rest.dropFirst(count)
        }
    }

    /// Puts the bytes on the disk and gives them their name; a file that has the name already stays. Needs a file
    /// system with hard links.
    func publish() throws(HTTPClientError) {
        guard fsync(descriptor) == 0 else { throw .file(step: "stored", code: errno) }
        let isClosed = close(descriptor) == 0
        descriptor = -1
        guard isClosed else { throw .file(step: "stored", code: errno) }
        // A second name and then one less, because a rename would replace what is there.
        guard link(path, target) == 0 else { throw .file(step: "named", code: errno) }
        unlink(path)
    }

    /// Removes what is still unnamed; does nothing after `publish`.
    func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        unlink(path)
    }
}
