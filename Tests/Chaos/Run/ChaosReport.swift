import Contracts

/// The result of a run: its figures and its findings.
struct ChaosReport: Sendable {
    let run: ChaosRun
    let evidence: Evidence
    let faults: [String: Int]
    /// Kinds of faults that could not be made, with the reason.
    let failures: [String: String]
    let restarts: Int
    let duration: Duration
    /// Whether every job ended in time.
    let isCalm: Bool
    let journal: ChaosJournal

    var findings: [Finding] { Accountant(evidence).findings() }

    /// The figures, as a paragraph.
    var figures: String {
        let endings = Dictionary(grouping: evidence.jobs, by: \.state).mapValues(\.count)
        let seconds = max(1, Double(duration.components.seconds))
        let kinds = faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let states = endings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let rate = (Double(evidence.jobs.count) / seconds * 60).rounded()
        return """
            chaos figures: \(run.name), seed \(run.seed): \(evidence.jobs.count) jobs (\(states)) in \(Int(seconds)) s, \
            \(Int(rate)) a minute; \(faults.values.reduce(0, +)) faults (\(kinds)); \(restarts) restarts after crashes; \
            \(evidence.library.count) files; \(evidence.lost.count) restarted after a deletion of their queue; \
            \(findings.count) findings
            """
    }

    /// Every finding with the timeline of its job and the faults around it.
    var details: String {
        findings.prefix(40).map { finding in
            let job = finding.job.flatMap { id in evidence.jobs.first { $0.id == id } }
            let events = (job?.timeline ?? []).map { "    \($0.at) \($0.name) g\($0.generation) \($0.text)" }
            let around = journal.faults(from: job?.timeline.first?.at, to: job?.timeline.last?.at).map { "    \($0)" }
            return (["- \(finding)"] + events + (job == nil ? [] : ["  faults:"] + around)).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
