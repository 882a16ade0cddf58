public import Logging

/// Removes from time to time what processes that died have left at slskd.
public struct SlskdSweep: Sendable {
    private let what: String
    private let logger: Logger
    private let sweep: @Sendable () async throws -> Int
    private static let interval = Duration.seconds(600)
    /// While slskd is away.
    private static let retry = Duration.seconds(30)

    /// - Parameters:
    ///   - what: names what is removed, in the plural.
    ///   - sweep: removes it, and says how many there were.
    public init(_ what: String, logger: Logger, sweep: @escaping @Sendable () async throws -> Int) {
        self.what = what
        self.logger = logger
        self.sweep = sweep
    }

    /// Sweeps at once, and then until the task is cancelled.
    public func run() async throws {
        while true { try await Task.sleep(for: try await once() ? Self.interval : Self.retry) }
    }

    private func once() async throws -> Bool {
        do {
            let count = try await sweep()
            if count > 0 { logger.info("\(what) that were left at slskd are gone", metadata: ["count": "\(count)"]) }
            return true
        } catch let error as SlskdError {
            logger.debug("slskd could not be swept", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
