public import Foundation
public import Logging
import Synchronization

/// Whether slskd can be used: it answers, takes the key, is logged in to the network, and its downloads folder is the
/// one that is seen here.
public final class SlskdReadiness: Sendable {
    private let client: SlskdClient
    private let mapping: SlskdMapping?
    private let logger: Logger
    private let proof = Mutex<(result: SlskdMapping.Result, at: ContinuousClock.Instant)?>(nil)
    /// For how long the folders are not compared again.
    private static let proofLifetime = Duration.seconds(60)

    /// - Parameter downloads: slskd's downloads folder as this process sees it; `nil` in a process that needs no files.
    public init(client: SlskdClient, downloads: URL?, logger: Logger) {
        self.client = client
        self.logger = logger
        mapping = downloads.map(SlskdMapping.init)
    }

    /// The state of things now, with what to do about it.
    public func run() async -> SourceReadiness {
        do {
            let state = try await client.serverState()
            guard state.isReady else { return .notReady(Self.reason(state)) }
            if let problem = try await versionProblem() { return .notReady(problem) }
            return try await mappingReadiness()
        } catch let error as SlskdError {
            return .notReady(error.message)
        } catch {
            return .notReady("slskd could not be asked: \(error)")
        }
    }

    private static func reason(_ state: SlskdServerState) -> String {
        if state.isTransitioning || state.isConnected {
            return "slskd is connecting to the Soulseek network (\(state.state)); wait a moment, or see slskd's log"
        }
        return "slskd is not connected to the Soulseek network (\(state.state)); see its own page and its log: wrong "
            + "account, another client with the same account, or no network"
    }

    /// A version that cannot be read, as of a build of one's own, is taken as new enough.
    private func versionProblem() async throws -> String? {
        guard let version = try await client.version(), version < .oldest else { return nil }
        return "slskd \(version) is too old; HDM works with \(SlskdVersion.oldest) and later"
    }

    // MARK: - Mapping

    private func mappingReadiness() async throws -> SourceReadiness {
        guard let mapping else { return .ready }
        if let problem = try await mapping.localProblem() { return forget(problem) }
        let known = proof.withLock { $0 }
        if let known, .now - known.at < Self.proofLifetime { return .ready }
        let result = try await mapping.compare(client)
        switch result {
        case .same, .unproven: note(result, after: known?.result)
        case .different(let problem): return forget(problem)
        }
        return .ready
    }

    private func forget(_ problem: String) -> SourceReadiness {
        proof.withLock { $0 = nil }
        return .notReady(problem)
    }

    private func note(_ result: SlskdMapping.Result, after earlier: SlskdMapping.Result?) {
        proof.withLock { $0 = (result, .now) }
        guard case .unproven(let reason) = result, result != earlier else { return }
        logger.warning("SLSKD_DOWNLOADS_DIR is used unproven", metadata: ["reason": "\(reason)"])
    }
}
