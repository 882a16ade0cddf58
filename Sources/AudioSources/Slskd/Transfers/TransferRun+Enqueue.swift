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
            } catch let lost as Lost {
                // slskd knows of the order and has no transfer: it could not reach the peer.
                guard last?.meaning == .timedOut else { throw lost }
                if let found = try await late(identity, &feed) { return found }
                throw SourceError(.timedOut, "the peer could not be reached in time")
            } catch let error as SlskdError {
                switch error.meaning {
                case .busy where .now - began < Self.busyPatience: continue
                case .timedOut, .unavailable:
                    tries += 1
                    last = error
                    let present = try await look(&feed, after: .now)
                    if let found = try await own(identity, among: present) { return found }
                    guard tries < Self.mostTries else { throw failure(error) }
                case .notLoggedIn:
                    // slskd may have kept the batch without its transfers.
                    throw Pause(result: .away(SourceError(away: error), isLost: true))
                case .busy, .notFound, .unexpected, .unauthorised, .forbidden:
                    throw Pause(result: .away(SourceError(away: error), isLost: false))
                default: throw failure(error)
                }
            }
        }
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

    /// A peer that takes so long that the answer never comes is the peer's failure.
    private func failure(_ error: SlskdError) -> any Error {
        switch error.meaning {
        case .unavailable: Pause(result: .away(SourceError(away: error), isLost: false))
        case .timedOut: SourceError(.timedOut, "the peer could not be reached in time")
        default: SourceError(.refused, error.message)
        }
    }

    private func place(_ identity: TransferIdentity) async throws -> Found {
        let file = SlskdOrder.File(filename: order.candidate.path, size: order.candidate.size)
        let answer = try await source.client.enqueue(
            SlskdOrder(
                id: identity.batchID, username: user, files: [file], destination: identity.destination))
        guard let transfer = answer.transfers.last(where: { $0.isOf(order.candidate.path) }) else {
            guard !answer.wasKnown else { throw Lost(reason: "slskd knows the order and has no transfer") }
            throw refusal(answer.failures)
        }
        let isNew = !answer.wasKnown || !transfer.state.isEnded
        guard isNew || !transfer.isRemoved || transfer.state != .completed(.succeeded) else {
            // It came, and was taken away by whoever worked on the job before: its file is nowhere by now.
            throw Lost(reason: "it was fetched before, and the file is gone")
        }
        note(transfer)
        return Found(transfer: transfer, destination: answer.batchID == nil ? nil : identity.destination)
    }

    private func refusal(_ failures: [String]) -> SourceError {
        let failure = TransferFailure(failures.first ?? "")
        return SourceError(failure.sourceCode, "slskd did not take the order: \(failure.words)")
    }
}
