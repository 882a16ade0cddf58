import Contracts
import Databases
import Foundation
import GRDB

/// A section of a job's document, as a stage wrote it.
struct StoredSection: Sendable, Equatable {
    var stage: Stage
    var section: JobSection
    var position: EventPosition
    /// JSON.
    var content: Data

    init(_ row: Row) throws {
        stage = try row.enumeration("stage")
        section = try row.enumeration("name")
        position = EventPosition(value: try row.value("position"))
        content = try row.value("content")
    }
}

extension Database {
    /// How long the sections of an ended job are stored.
    private static let sectionLifetime: Duration = .seconds(30 * 86_400)
    /// How many expired sections one transaction deletes.
    private static let deletedAtOnce = 100

    /// Stores the sections of an event, unless later ones of the same stage are stored. Sections that the stage may not
    /// write, and those that are too large, are left out.
    func storeSections(of event: JobEvent) throws {
        for (section, content) in event.sections
        where event.stage.ownSections.contains(section) && content.count <= JobEvent.largestSection {
            try cachedStatement(
                sql: """
                    INSERT INTO sections (job_id, stage, name, position, content) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (job_id, stage, name) DO UPDATE SET
                        position = excluded.position, content = excluded.content, expires_at = NULL
                    WHERE excluded.position > position
                    """
            ).execute(arguments: [
                event.jobID.text, event.stage.rawValue, section.rawValue, EventPosition(event).value, content,
            ])
        }
    }

    /// Returns the sections of a job, oldest first.
    func sections(of job: JobID) throws -> [StoredSection] {
        try readAll("SELECT * FROM sections WHERE job_id = ? ORDER BY position, number", [job.text], StoredSection.init)
    }

    /// Returns the latest sections of a job by name. Those that cannot be read are left out.
    func sectionValues(of job: JobID) throws -> [String: JSONValue] {
        try sections(of: job).reduce(into: [:]) { values, stored in
            guard let value = try? ContractCoding.decode(JSONValue.self, from: stored.content) else { return }
            values[stored.section.rawValue] = value
        }
    }

    /// Limits how long the sections of an ended job are stored, or removes the limit for a job that runs again.
    func limitSections(of job: JobID, isEnded: Bool, at now: Timestamp) throws {
        let expiry = isEnded ? (now + Self.sectionLifetime).milliseconds : nil
        try cachedStatement(sql: "UPDATE sections SET expires_at = ? WHERE job_id = ?")
            .execute(arguments: [expiry, job.text])
    }

    /// Deletes some of the expired sections.
    func deleteExpiredSections(at now: Timestamp) throws {
        try cachedStatement(
            sql: """
                DELETE FROM sections WHERE number IN (SELECT number FROM sections WHERE expires_at < ? LIMIT ?)
                """
        ).execute(arguments: [now.milliseconds, Self.deletedAtOnce])
    }
}
