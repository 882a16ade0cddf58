import Foundation
import Synchronization

/// A volume whose server never answers, mounted over a folder: every call to the folder blocks in the kernel, as on a
/// network share whose server is gone.
///
/// It is a FUSE mount whose program reads no request. Mounting needs root and `/dev/fuse`.
public final class FrozenVolume: Sendable {
    private static let forced: Int32 = 1
    private static let lazily: Int32 = 2

    private let path: String
    private let device: Mutex<Int32?>

    /// Freezes a folder until ``thaw()``.
    public init(over path: String) throws {
        let descriptor = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(description: "/dev/fuse: \(String(cString: strerror(errno)))") }
        let options = "fd=\(descriptor),rootmode=40000,user_id=0,group_id=0"
        guard mount("hdm", path, "fuse", 0, options) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(description: "mount \(path): \(reason)")
        }
        self.path = path
        device = Mutex(descriptor)
    }

    deinit { thaw() }

    /// Ends the calls that hang, with an error, and shows the folder below again. A repetition changes nothing.
    public func thaw() {
        device.withLock { device in
            guard let descriptor = device else { return }
            device = nil
            // Closing the device aborts the requests.
            close(descriptor)
            umount2(path, Self.forced | Self.lazily)
        }
    }

    /// Whether this process can freeze a folder. In continuous integration, an impossible mount is a failure and no
    /// reason to skip.
    public static let isPossible: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        let volume = try? FrozenVolume(over: folder.path)
        volume?.thaw()
        try? folder.remove()
        return volume != nil
    }()

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }
}
