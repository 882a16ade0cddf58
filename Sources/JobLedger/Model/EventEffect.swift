public import Contracts

/// What an event changed.
enum EventEffect: Equatable {
    /// The ledger has the event.
    case repeated
    case applied
    /// The event was applied. The job works although another job holds its dedupe key.
    case keyHeld(KeyConflict)
}

/// Two jobs for the same recording: one of them was restarted after the other had been submitted.
public struct KeyConflict: Encodable, Sendable, Equatable {
    public var job: JobID
    public var key: String
    /// The job that holds the key.
    public var holder: JobID

    enum CodingKeys: String, CodingKey {
        case holder
        case job = "job_id"
        case key = "dedupe_key"
    }
}

/// The result of applying events.
public struct AppliedEvents: Sendable, Equatable {
    /// How many events were new.
    public var new = 0
    public var conflicts: [KeyConflict] = []

    mutating func add(_ effect: EventEffect) {
        switch effect {
        case .repeated: break
        case .applied: new += 1
        case .keyHeld(let conflict):
            new += 1
            conflicts.append(conflict)
        }
    }
}
