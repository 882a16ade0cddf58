public import Files
public import Foundation
import Synchronization

/// A readiness check of a folder: is its volume there, and can it be written to?
///
/// Each run reads the attributes of the folder and of its volume, which wakes no disk. A missing volume, a read-only
/// mount and changed permissions are found by that. Only rarely, or when there is a reason, a run also writes a small
/// file: at the first run, every ``interval``, after ``suspect()``, when the attributes changed, while the volume is full,
/// and while the last write failed.
public struct VolumeCheck: Sendable {
    /// Writes to the folder to see whether that is possible. Blocks.
    public typealias Probe = @Sendable (_ folder: String) throws(FileError) -> Void

    /// How often the check writes without a reason, by default.
    public static let interval: Duration = .seconds(600)

    private final class Memory: Sendable {
        struct State {
            var identity: VolumeStatus.Identity?
            /// When the last write succeeded; `nil` when the next run must write.
            var written: ContinuousClock.Instant?
            /// Counts the reasons to write. A reason that arrives during a write leads to another one.
            var suspicions = 0
        }

        let state = Mutex(State())
    }

    private let path: String
    private let interval: Duration
    private let probe: Probe
    private let memory = Memory()
    /// A pool of its own: a call that hangs must not delay another check.
    private let pool = BlockingPool(name: "volume-check", threads: 1)

    /// - Parameters:
    ///   - folder: it must exist when the check runs.
    ///   - interval: how often the check writes without a reason.
    ///   - probe: the write; by default it creates, writes and removes a small file.
    public init(
        _ folder: URL, every interval: Duration = VolumeCheck.interval,
        probe: @escaping Probe = { path throws(FileError) in try DiskFolder(path).probe() }
    ) {
        path = DiskFolder(folder.path(percentEncoded: false)).path
        self.interval = interval
        self.probe = probe
    }

    /// Makes the next run write, because an operation on a file of the volume failed.
    @Sendable public func suspect() {
        memory.state.withLock { state in
            state.written = nil
            state.suspicions += 1
        }
    }

    /// Checks the folder. On a volume that hangs it does not return.
    public func run() async -> CheckResult {
        do {
            return try await pool.run { examine() }
        } catch {
            return .failing("the check of \(path) did not run: \(error)")
        }
    }

    private func examine() -> CheckResult {
        do throws(FileError) {
            guard let status = try VolumeStatus.read(path) else {
                suspect()
                return .failing("\(path) does not exist; check that its volume is mounted")
            }
            guard !status.isReadOnly else {
                suspect()
                return .failing("\(path) is mounted read-only; mount it writable, and check its disk for errors")
            }
            guard let suspicions = reasonToWrite(status) else { return .ok }
            try probe(path)
            memory.state.withLock { if $0.suspicions == suspicions { $0.written = .now } }
            return .ok
        } catch {
            suspect()
            return .failing(Self.explain(error, path))
        }
    }

    /// - Returns: `nil` when this run need not write; otherwise the number of suspicions so far.
    private func reasonToWrite(_ status: VolumeStatus) -> Int? {
        memory.state.withLock { state in
            let isChanged = state.identity != status.identity
            state.identity = status.identity
            guard !isChanged, status.isWritable, !status.isFull, let written = state.written,
                written.duration(to: .now) < interval
            else { return state.suspicions }
            return nil
        }
    }

    private static func explain(_ error: FileError, _ path: String) -> String {
        guard error.code != .unsupported else {
            return "the file system of \(path) cannot \(error.operation) files as HDM needs it; mount another one"
        }
        return
            "\(path) cannot be written by user \(geteuid()): \(error.reason); check that it is mounted, who owns it, and "
            + "that it has space"
    }
}
