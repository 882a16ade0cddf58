public import Foundation
public import Logging
import Synchronization

/// Checks whether slskd can be used: it responds, accepts the key, is logged in to the network, and its downloads folder
/// is the local one.
public final class SlskdReadiness: Sendable {
    private let client: SlskdClient
    private let mapping: SlskdMapping?
    private let logger: Logger
    private let proof = Mutex<(result: SlskdMapping.Result, at: ContinuousClock.Instant)?>(nil)
    /// How long the result of a comparison of the folders is valid.
    private static let proofLifetime = Duration.seconds(60)
    /// When slskd's shares were looked at, and whether they were empty.
    private let shares = Mutex<(areEmpty: Bool, at: ContinuousClock.Instant)?>(nil)
    private static let sharesLifetime = Duration.seconds(600)

    /// - Parameter downloads: slskd's downloads folder as this process sees it; `nil` in a process that only searches.
    public init(client: SlskdClient, downloads: URL?, logger: Logger) {
        self.client = client
        self.logger = logger
        mapping = downloads.map(SlskdMapping.init)
    }

    /// Runs all checks.
    public func run() async -> SourceReadiness {
        do {
            let state = try await client.serverState()
            guard state.isReady else { return .notReady(Self.reason(state)) }
            if let problem = try await versionProblem() { return .notReady(problem) }
            await reportShares()
            return try await mappingReadiness()
        } catch let error as SlskdError {
            return .notReady(error.message)
        } catch {
            return .notReady("the check of slskd failed: \(error)")
        }
    }

    private static func reason(_ state: SlskdServerState) -> String {
        if state.isTransitioning || state.isConnected {
            return "slskd is connecting to the Soulseek network (\(state.state)); wait, or see slskd's log"
        }
        return
            "slskd is not connected to the Soulseek network (\(state.state)); check its account, that no other client "
            + "uses the account, and its network; see slskd's log"
    }

    /// A version that cannot be read, for example of a private build, counts as new enough.
    private func versionProblem() async throws -> String? {
        guard let version = try await client.version(), version < .oldest else { return nil }
        return "slskd \(version) is too old; use \(SlskdVersion.oldest) or later"
    }

    /// Says in the log when slskd shares nothing: many peers refuse users who share nothing, so that downloads fail
    /// although slskd is ready.
    private func reportShares() async {
        let earlier = shares.withLock { $0 }
        if let earlier, .now - earlier.at < Self.sharesLifetime { return }
        // What is unknown is looked at again later; it says nothing about the readiness.
        let count = try? await client.application().sharedFiles
        let areEmpty = count.map { $0 == 0 } ?? (earlier?.areEmpty ?? false)
        shares.withLock { $0 = (areEmpty, .now) }
        guard areEmpty, earlier?.areEmpty != true else { return }
        logger.warning(
            "slskd shares no files, and many peers refuse users who share nothing; add a folder to slskd's shares")
    }

    // MARK: - Mapping

    private func mappingReadiness() async throws -> SourceReadiness {
        guard let mapping else { return .ready }
        if let problem = try await mapping.localProblem() { return invalidate(problem) }
        let known = proof.withLock { $0 }
        if let known, .now - known.at < Self.proofLifetime { return .ready }
        let result = try await mapping.compare(client)
        switch result {
        case .same, .unproven: record(result, after: known?.result)
        case .different(let problem): return invalidate(problem)
        }
        return .ready
    }

    private func invalidate(_ problem: String) -> SourceReadiness {
        proof.withLock { $0 = nil }
        return .notReady(problem)
    }

    private func record(_ result: SlskdMapping.Result, after earlier: SlskdMapping.Result?) {
        proof.withLock { $0 = (result, .now) }
        guard case .unproven(let reason) = result, result != earlier else { return }
        logger.warning(
            "SLSKD_DOWNLOADS_DIR could not be verified and is used", metadata: ["reason": "\(reason)"])
    }
}
