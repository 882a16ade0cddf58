import Files
import Foundation
import ServiceKit

/// A readiness check of the free space on a disk. A fetched file is also copied and tagged there.
struct DiskFloor: Sendable {
    private let folder: DiskFolder
    private let floor: Int64
    /// A pool of its own: a call that hangs must not delay another check.
    private let pool = BlockingPool(name: "disk-check", threads: 1)

    /// - Parameter megabytes: The smallest free space in units of 1 000 000 bytes; 0 disables the check.
    init(_ folder: URL, megabytes: Int) {
        self.folder = DiskFolder(folder.path(percentEncoded: false))
        floor = Int64(megabytes) * 1_000_000
    }

    func run() async -> CheckResult {
        guard floor > 0 else { return .ok }
        do {
            let free = try await pool.run { [folder] in folder.freeBytes }
            return Self.judge(free, floor, folder.path)
        } catch {
            return .failing("the check of the free space did not run: \(error)")
        }
    }

    static func judge(_ free: Int64?, _ floor: Int64, _ path: String) -> CheckResult {
        guard let free else {
            return .failing("cannot read the free space of \(path); check that its disk is mounted")
        }
        guard free < floor else { return .ok }
        return .failing(
            "\(path) has \(free / 1_000_000) MB left, less than the \(floor / 1_000_000) MB of HDM_DISK_FLOOR_MB; free "
                + "some space")
    }
}
