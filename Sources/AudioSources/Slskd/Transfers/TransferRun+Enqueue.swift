import Contracts
import Foundation

extension TransferRun {
    private static let mostTries = 3
    private static let busyPatience = Duration.seconds(90)

    /// Orders the file. When the answer was lost, looks first whether it was ordered.
    func enqueue(_ identity: TransferIdentity, _ feed: inout Feed) async throws -> Found {
        let began = ContinuousClock.now
        var tries = 0
        var last: SlskdError?
        while true {
            do {
                return try await place(identity)
            } catch let refused as Refused {
                return try await elsewhere(refused, identity, &feed)
            } catch let lost as Lost {
                return try await outcome(of: lost, after: last, identity, &feed)
            } catch let error as SlskdError {
                if error.meaning == .busy, .now - began < Self.busyPatience { continue }
                last = error
                tries += 1
                try await judge(error)
                let present = try await look(&feed, after: .now)
                if let found = try await own(identity, among: present) { return found }
                guard tries < Self.mostTries else { throw try await failure(error) }
            }
        }
    }

    /// Returns when the same order may be tried again.
    private func judge(_ error: SlskdError) async throws {
        switch error.meaning {
        // The look that follows tells whether slskd is there.
        case .timedOut, .unavailable: return
        case .notLoggedIn:
            // slskd may have kept the batch without its transfers.
            throw Pause(result: .sourceUnavailable(SourceError(away: error), isLost: true))
        case .busy, .notFound, .unexpected, .unauthorised, .forbidden:
            throw Pause(result: .sourceUnavailable(SourceError(away: error), isLost: false))
        case .peerFailed:
            // slskd answers the same when it is itself out of order.
            if let away = try await absence(error.message) {
                throw Pause(result: .sourceUnavailable(away, isLost: true))
            }
        default: throw try await failure(error)
        }
    }

    /// slskd knows of the order and has no transfer that goes on. When that is news, it could not reach the peer.
    private func outcome(
        of lost: Lost, after last: SlskdError?, _ identity: TransferIdentity, _ feed: inout Feed
    ) async throws -> Found {
        switch last?.meaning {
        case .timedOut:
            if let found = try await late(identity, &feed) { return found }
            throw try await failure(SlskdError(.timedOut, lost.reason))
        case .peerFailed: throw try await failure(last ?? SlskdError(.peerFailed, lost.reason))
        default: throw lost
        }
    }

    /// What slskd does not take may be on its way already: it took it up again by itself just now.
    private func elsewhere(
        _ refused: Refused, _ identity: TransferIdentity, _ feed: inout Feed
    ) async throws -> Found {
        let present = try await look(&feed, after: .now).filter { !$0.state.isEnded }
        if let found = try await own(identity, among: present) { return found }
        if !present.isEmpty { throw Pause(result: try othersTransfer()) }
        if refused.failure.mayBeSlskds, let away = try await absence(refused.failure.words) {
            throw Pause(result: .sourceUnavailable(away, isLost: true))
        }
        throw SourceError(refused.failure.sourceCode, "slskd did not take the order: \(refused.failure.words)")
    }

    /// slskd may still be on its way to the peer: a transfer that comes late must not run beside the next candidate's.
    private func late(_ identity: TransferIdentity, _ feed: inout Feed) async throws -> Found? {
        for _ in 0..<Self.lateLooks {
            let present = try await look(&feed, after: .now)
            if let found = try await own(identity, among: present) { return found }
        }
        return nil
    }

    private static let lateLooks = 15

    /// A peer that takes so long that the answer never comes is the peer's failure, as long as slskd is well.
    private func failure(_ error: SlskdError) async throws -> any Error {
        if let away = try await absence(error.message) { return Pause(result: .sourceUnavailable(away, isLost: true)) }
        switch error.meaning {
        case .unavailable: return Pause(result: .sourceUnavailable(SourceError(away: error), isLost: false))
        case .timedOut: return SourceError(.timedOut, "the peer could not be reached in time")
        default: return SourceError(.refused, error.message)
        }
    }

    private func place(_ identity: TransferIdentity) async throws -> Found {
        let file = SlskdOrder.File(filename: order.candidate.path, size: order.candidate.size)
        let answer = try await source.client.enqueue(
            SlskdOrder(
                id: identity.batchID, username: user, files: [file], destination: identity.destination))
        guard let transfer = answer.transfers.last(where: { $0.isOf(order.candidate.path) }) else {
            guard !answer.wasKnown else { throw Lost(reason: "slskd knows the order and has no transfer") }
            throw Refused(failure: TransferFailure(answer.failures.first ?? ""))
        }
        let found = Found(transfer: transfer, destination: answer.batchID == nil ? nil : identity.destination)
        guard !answer.wasKnown || !transfer.state.isEnded || !transfer.isRemoved else {
            // It came to its end and was taken away, by whoever worked on the job before or by slskd's restart.
            throw Lost(reason: "it was ordered before, and is gone", wasCutOff: found.wasCutOff)
        }
        note(found)
        return found
    }

    /// slskd did not take the order.
    private struct Refused: Error { let failure: TransferFailure }
}
