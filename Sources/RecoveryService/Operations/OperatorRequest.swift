/// An action on dead letters and who requested it.
struct OperatorRequest: Sendable {
    let action: OperatorAction
    let actor: String
    /// Reports what would be done, and changes nothing.
    let dryRun: Bool
}
