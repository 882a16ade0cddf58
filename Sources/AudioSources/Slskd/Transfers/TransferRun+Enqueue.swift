import Contracts
import Foundation

extension TransferRun {
    private static let maximumTries = 3
    private static let busyPatience = Duration.seconds(90)

    /// Orders the file. After a lost response it checks first whether the file was ordered.
    func enqueue(_ identity: TransferIdentity, _ feed: inout Feed) async throws -> Found {
        let began = ContinuousClock.now
        var tries = 0
        var last: SlskdError?
        while true {
            do {
                return try await sendOrder(identity)
            } catch let refused as Refused {
                return try await existingTransfer(refused, identity, &feed)
            } catch let lost as Lost {
                return try await outcome(of: lost, after: last, identity, &feed)
            } catch let error as SlskdError {
                if error.meaning == .busy, .now - began < Self.busyPatience { continue }
                last = error
                tries += 1
                try await judge(error)
                let present = try await poll(&feed, after: .now)
                if let found = try await own(identity, among: present) { return found }
                guard tries < Self.maximumTries else { throw try await failure(error) }
            }
        }
    }

    /// Returns when the same order can be repeated, and else throws.
    private func judge(_ error: SlskdError) async throws {
        switch error.meaning {
        // The poll that follows shows whether slskd responds.
        case .timedOut, .unavailable: return
        case .notLoggedIn:
            // slskd may have stored the batch without its transfers.
            throw Pause(result: .sourceUnavailable(SourceError(unavailable: error), isLost: true))
        case .busy, .notFound, .unexpected, .unauthorised, .forbidden:
            throw Pause(result: .sourceUnavailable(SourceError(unavailable: error), isLost: false))
        case .peerFailed:
            // slskd responds in the same way when it is itself unavailable.
            if let unavailable = try await unavailability(error.message) {
                throw Pause(result: .sourceUnavailable(unavailable, isLost: true))
            }
        default: throw try await failure(error)
        }
    }

    /// Handles an order that slskd has without a running transfer. Right after an error it means that slskd could not
    /// reach the peer.
    private func outcome(
        of lost: Lost, after last: SlskdError?, _ identity: TransferIdentity, _ feed: inout Feed
    ) async throws -> Found {
        switch last?.meaning {
        case .timedOut:
            if let found = try await lateTransfer(identity, &feed) { return found }
            throw try await failure(SlskdError(.timedOut, lost.reason))
        case .peerFailed: throw try await failure(last ?? SlskdError(.peerFailed, lost.reason))
        default: throw lost
        }
    }

    /// Handles a refused order. slskd refuses a file that it already transfers, for example because it has just resumed
    /// the transfer itself.
    private func existingTransfer(
        _ refused: Refused, _ identity: TransferIdentity, _ feed: inout Feed
    ) async throws -> Found {
        let present = try await poll(&feed, after: .now).filter { !$0.state.isEnded }
        if let found = try await own(identity, among: present) { return found }
        if !present.isEmpty { throw Pause(result: try foreignTransfer()) }
        if refused.failure.mayBeSlskds, let unavailable = try await unavailability(refused.failure.explanation) {
            throw Pause(result: .sourceUnavailable(unavailable, isLost: true))
        }
        throw SourceError(refused.failure.sourceCode, "slskd refused the order: \(refused.failure.explanation)")
    }

    /// Waits for a transfer that slskd starts late, because it may still be connecting to the peer. Such a transfer must
    /// not run beside that of the next candidate.
    private func lateTransfer(_ identity: TransferIdentity, _ feed: inout Feed) async throws -> Found? {
        for _ in 0..<Self.latePolls {
            let present = try await poll(&feed, after: .now)
            if let found = try await own(identity, among: present) { return found }
        }
        return nil
    }

    private static let latePolls = 15

    /// Returns the error after the last try. A missing response is the peer's failure when slskd itself is available.
    private func failure(_ error: SlskdError) async throws -> any Error {
        if let unavailable = try await unavailability(error.message) {
            return Pause(result: .sourceUnavailable(unavailable, isLost: true))
        }
        switch error.meaning {
        case .unavailable: return Pause(result: .sourceUnavailable(SourceError(unavailable: error), isLost: false))
        case .timedOut: return SourceError(.timedOut, "the peer could not be reached in time")
        default: return SourceError(.refused, error.message)
        }
    }

    /// Sends one order to slskd.
    private func sendOrder(_ identity: TransferIdentity) async throws -> Found {
        let file = SlskdOrder.File(filename: order.candidate.path, size: order.candidate.size)
        let enqueued = try await source.client.enqueue(
            SlskdOrder(
                id: identity.batchID, username: user, files: [file], destination: identity.destination))
        guard let transfer = enqueued.transfers.last(where: { $0.isOf(order.candidate.path) }) else {
            guard !enqueued.wasKnown else { throw Lost(reason: "slskd has the order without a transfer") }
            throw Refused(failure: TransferFailure(enqueued.failures.first ?? ""))
        }
        let found = Found(transfer: transfer, destination: enqueued.batchID == nil ? nil : identity.destination)
        guard !enqueued.wasKnown || !transfer.state.isEnded || !transfer.isRemoved else {
            // It ended and was removed, by an earlier process of the job or by slskd's restart.
            throw Lost(reason: "it was ordered before and removed", wasCutOff: found.wasCutOff)
        }
        followed(found)
        return found
    }

    /// slskd refused the order.
    private struct Refused: Error { let failure: TransferFailure }
}
