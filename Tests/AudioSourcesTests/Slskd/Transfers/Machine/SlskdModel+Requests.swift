import Contracts
import Foundation

@testable import AudioSources

// The responses of the model.
extension SlskdModel {
    /// Returns an error instead of a response while slskd is down or when the response is lost.
    private mutating func problem() -> SlskdError? {
        guard isUp else { return SlskdError(.unavailable, "slskd cannot be reached") }
        guard faults.lostResponses, random.chance(0.03) else { return nil }
        return SlskdError(.timedOut, "no response")
    }

    mutating func respond<Value>(_ value: (inout SlskdModel) -> Value) -> Result<Value, SlskdError> {
        if let problem = problem() { return .failure(problem) }
        return .success(value(&self))
    }

    mutating func list() -> DownloadsPoller.Update {
        let requestedAt = instant
        let listed = respond { model in model.entries.map(\.transfer).filter { !$0.isRemoved } }
        pass(random.seconds(0...0.2))
        switch listed {
        case .success(let transfers): return .init(requestedAt: requestedAt, content: .transfers(transfers))
        case .failure(let error): return .init(requestedAt: requestedAt, content: .failed(error))
        }
    }

    mutating func fact(_ question: TransferQuestion) -> Result<TransferFact, SlskdError> {
        respond { model in
            switch question {
            case .version: .version(model.version)
            case .batch(let id): .batch(model.batch(id))
            case .file(let id, _): .file(model.index(of: id).flatMap { model.entries[$0].path })
            }
        }
    }

    private func batch(_ id: UUID) -> SlskdBatch? {
        guard var batch = batches[id] else { return nil }
        batch.transfers = entries.map(\.transfer).filter { $0.batchID == id }
        return batch
    }

    /// Orders the file. A response can be lost after the order was accepted.
    mutating func order(_ identity: TransferIdentity) -> Result<SlskdEnqueued, SlskdError> {
        guard isUp else { return .failure(SlskdError(.unavailable, "slskd cannot be reached")) }
        guard !random.chance(0.05) else { return .failure(SlskdError(.busy, "busy")) }
        guard isLoggedIn else { return .failure(SlskdError(.notLoggedIn, "slskd is not logged in")) }
        if hasBatches, let known = batch(identity.batchID) {
            return .success(SlskdEnqueued(transfers: known.transfers, batchID: known.id, wasKnown: true))
        }
        if faults.badPeer, random.chance(0.1) { return .failure(SlskdError(.peerOffline, "the peer is offline")) }
        let isLost = faults.lostResponses && random.chance(0.3)
        return isLost ? loseOrder(identity) : accept(identity)
    }

    private mutating func accept(_ identity: TransferIdentity) -> Result<SlskdEnqueued, SlskdError> {
        let batch = hasBatches ? identity.batchID : nil
        if let batch {
            batches[batch] = SlskdBatch(id: batch, username: "anna", transfers: [], destination: identity.destination)
        }
        guard !isInProgress else {
            let failures = ["Skipped: Already in progress"]
            return .success(SlskdEnqueued(transfers: [], batchID: batch, failures: failures))
        }
        add(batch: batch, isForeign: false)
        return .success(SlskdEnqueued(transfers: entries.suffix(1).map(\.transfer), batchID: batch))
    }

    private mutating func loseOrder(_ identity: TransferIdentity) -> Result<SlskdEnqueued, SlskdError> {
        if hasBatches, random.chance(0.5), !isInProgress {
            let id = identity.batchID
            batches[id] = SlskdBatch(id: id, username: "anna", transfers: [], destination: identity.destination)
            late.append((now + random.seconds(1...12), identity))
        } else {
            _ = accept(identity)
        }
        pass(random.seconds(10...40))
        return .failure(SlskdError(.timedOut, "no response"))
    }

    /// Cancels a transfer, or removes an ended one from the lists.
    mutating func remove(_ id: UUID) -> Result<Bool, SlskdError> {
        if let problem = problem(), !isUp { return .failure(problem) }
        guard let index = index(of: id) else { return .success(true) }
        if entries[index].transfer.state != .completed(.succeeded) {
            if !entries[index].transfer.state.isEnded { end(index, .cancelled, "Operation cancelled") }
            entries[index].due = .infinity
        }
        resumable.removeAll { $0 == id }
        entries[index].transfer.isRemoved = true
        return faults.lostResponses && random.chance(0.05)
            ? .failure(SlskdError(.timedOut, "no response")) : .success(true)
    }
}

/// A generator whose numbers follow from a seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
    mutating func chance(_ probability: Double) -> Bool { unit() < probability }
    mutating func below(_ count: UInt64) -> UInt64 { next() % count }
    mutating func seconds(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    mutating func uuid() -> UUID {
        let (one, two) = (next(), next())
        let bytes = withUnsafeBytes(of: (one, two)) { Array($0) }
        return bytes.withUnsafeBytes { UUID(uuid: $0.load(as: uuid_t.self)) }
    }
}
