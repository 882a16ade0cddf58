import Contracts
import Matching

extension MatchDecision {
    /// What goes into the job.
    var candidates: MatchSection { section() }
}
