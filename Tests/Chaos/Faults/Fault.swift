import Contracts
import TestSupport

/// Something that goes wrong for a while: it begins, lasts, and ends.
struct Fault: Sendable, Equatable, CustomStringConvertible {
    var kind: Kind
    /// From its begin to its end, after which what failed works again.
    var duration: Duration

    enum Kind: Sendable, Equatable {
        /// SIGKILL, and a new process at the end.
        case killService(ServiceName)
        /// SIGSTOP, and SIGCONT at the end.
        case freezeService(ServiceName)
        /// SIGTERM, and a new process at the end.
        case stopService(ServiceName)
        /// A new process that dies at a random crash point, and another one at the end.
        case crashService(ServiceName)
        /// A new process whose clock is ahead or behind, and another one at the end. In seconds.
        case shiftClock(ServiceName, Int)
        /// One connection to the broker is closed. The number chooses among the open ones.
        case cutConnection(Int)
        /// One connection delivers nothing, and everything at the end.
        case pauseConnection(Int)
        /// One connection is half-open: it loses all bytes and is closed at the end.
        case swallowConnection(Int)
        /// The broker cannot be reached.
        case refuseConnections
        /// SIGKILL, and a restart at the end. The number chooses the node of a cluster.
        case killBroker(Int)
        /// SIGSTOP, and SIGCONT at the end.
        case freezeBroker(Int)
        /// The broker stops cleanly and starts again.
        case restartBroker(Int)
        /// The broker accepts no messages.
        case alarm(PrivateBroker.Alarm)
        /// An operator deletes an element of the topology.
        case delete(TopologyPart)
        case damageVolume(Volume, VolumeDamage)
        /// Another process holds the write lock of a database.
        case lockDatabase(StateDatabase)
        case slskd(SlskdTrouble)
    }

    var description: String {
        let text = ["ChaosTests.", "TestSupport.PrivateBroker.", "Contracts.ServiceName.", "Contracts."]
            .reduce("\(kind)") { $0.replacing($1, with: "") }
        let (seconds, attoseconds) = duration.components
        return "\(text) for \(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
    }

    /// The kind without its target, for counts.
    var name: String { String("\(kind)".prefix { $0 != "(" }) }
}

/// An element of the topology that an operator can delete.
enum TopologyPart: Sendable, Equatable {
    /// A queue, if no message is ready in it. So the deletion itself destroys nothing.
    case emptyQueue(String)
    /// A queue with its messages.
    case queue(String)
    case exchange(String)
    /// All bindings of a queue.
    case bindings(of: String)
}

/// A file system that services use.
enum Volume: String, Sendable, Equatable, CaseIterable {
    /// The downloads and the library.
    case music
    /// The databases.
    case state
}

enum VolumeDamage: String, Sendable, Equatable, CaseIterable {
    case full, readOnly, vanished
}

/// A database that one service writes.
enum StateDatabase: String, Sendable, Equatable, CaseIterable {
    case gateway = "idempotency.db"
    case move = "library.db"
    case recovery = "recovery.db"
}

enum SlskdTrouble: String, Sendable, Equatable, CaseIterable {
    case restarts, losesNetwork, fails, losesResponses, respondsLate
}
