import Foundation
import NIOPosix
import ServiceKit

/// Whether a disk has room enough to fetch more: what is fetched is copied and tagged beside it, too.
struct DiskFloor: Sendable {
    private let folder: URL
    private let floor: Int64

    /// - Parameter megabytes: of 1 000 000 bytes; none is asked for with 0.
    init(_ folder: URL, megabytes: Int) {
        self.folder = folder
        floor = Int64(megabytes) * 1_000_000
    }

    func run() async -> CheckResult {
        guard floor > 0 else { return .ok }
        let path = folder.path(percentEncoded: false)
        do {
            let free = try await NIOThreadPool.singleton.runIfActive { Self.free(path) }
            return Self.judge(free, floor, path)
        } catch {
            return .failing("the check could not run: \(error)")
        }
    }

    static func judge(_ free: Int64?, _ floor: Int64, _ path: String) -> CheckResult {
        guard let free else { return .failing("\(path): the free space cannot be told; is the disk mounted?") }
        guard free < floor else { return .ok }
        return .failing(
            "\(path) has \(free / 1_000_000) MB left, fewer than the \(floor / 1_000_000) of HDM_DISK_FLOOR_MB; free "
                + "some space")
    }

    /// What this process may fill, in bytes.
    private static func free(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let (bytes, isTooMany) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isTooMany ? .max : Int64(clamping: bytes)
    }
}
