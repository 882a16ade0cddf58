public import Logging

/// Repeatedly removes what killed processes left at slskd.
public struct SlskdSweep: Sendable {
    private let what: String
    private let logger: Logger
    private let sweep: @Sendable () async throws -> Int
    private static let interval = Duration.seconds(600)
    /// The pause while slskd cannot be reached.
    private static let retry = Duration.seconds(30)

    /// - Parameters:
    ///   - what: The removed objects, in the plural; for the log.
    ///   - sweep: Removes them and returns their number.
    public init(_ what: String, logger: Logger, sweep: @escaping @Sendable () async throws -> Int) {
        self.what = what
        self.logger = logger
        self.sweep = sweep
    }

    /// Sweeps now and then repeatedly, until the task is cancelled.
    public func run() async throws {
        while true { try await Task.sleep(for: try await once() ? Self.interval : Self.retry) }
    }

    private func once() async throws -> Bool {
        do {
            let count = try await sweep()
            if count > 0 { logger.info("removed leftover \(what) at slskd", metadata: ["count": "\(count)"]) }
            return true
        } catch let error as SlskdError {
            logger.debug("cannot remove leftover \(what) at slskd; trying again", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
