/// Who dead-lettered a message. The raw values are stored in the index.
enum DeathCause: String, Sendable {
    /// A service gave the job up. It published the job's last event as well.
    case service
    /// A service found that the document violates the contract. Nobody published an event.
    case contract
    /// The broker: a rejection, a delivery limit, a length limit. Nobody published an event.
    case broker
    /// No queue took the message, and the alternate exchange did.
    case unrouted
}
