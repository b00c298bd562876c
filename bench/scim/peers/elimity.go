// SCIM peer: github.com/elimity-com/scim with a store of our own.
//
//	elimity PORT TOKEN [sqlite-file]     (no file: maps; with it: go-sqlite3, WAL, synchronous=FULL, a commit a write)
package main

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/elimity-com/scim"
	scimerr "github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
	_ "github.com/mattn/go-sqlite3"
	"net/url"
	"regexp"
)

type attrs = scim.ResourceAttributes
type rec struct {
	A        attrs
	Ext      string
	Created  time.Time
	Modified time.Time
}
type store struct {
	mu                                                                sync.RWMutex
	key                                                               string
	byID                                                              map[string]*rec
	byKey                                                             map[string]string
	order                                                             []string
	members                                                           map[string]map[string]bool
	db                                                                *sql.DB
	qGet, qKey, qIns, qUpd, qDel, qPage, qCnt, qMem, qMemIns, qMemDel *sql.Stmt
}

func newID() string { b := make([]byte, 16); rand.Read(b); return hex.EncodeToString(b) }
func cp(a attrs) attrs {
	m := make(attrs, len(a)+4)
	for k, v := range a {
		m[k] = v
	}
	return m
}
func newStore(db *sql.DB, table, key string) *store {
	s := &store{key: key, byID: map[string]*rec{}, byKey: map[string]string{}, members: map[string]map[string]bool{}, db: db}
	if db == nil {
		return s
	}
	must(db.Exec("create table if not exists " + table + "(seq integer primary key,id text unique,k text unique collate nocase,doc text)"))
	must(db.Exec("create table if not exists members(g text,u text,primary key(g,u)) without rowid"))
	p := func(q string) *sql.Stmt {
		st, err := db.Prepare(strings.ReplaceAll(q, "T", table))
		if err != nil {
			log.Fatal(err)
		}
		return st
	}
	s.qGet, s.qKey = p("select id,doc from T where id=?"), p("select id,doc from T where k=?")
	s.qIns, s.qUpd = p("insert into T(id,k,doc) values(?,?,?)"), p("update T set k=?,doc=? where id=?")
	s.qDel, s.qPage, s.qCnt = p("delete from T where id=?"), p("select id,doc from T order by seq limit ? offset ?"), p("select count(*) from T")
	s.qMem, s.qMemIns, s.qMemDel = p("select u from members where g=?"), p("insert or ignore into members values(?,?)"), p("delete from members where g=? and u=?")
	return s
}
func must(_ interface{}, err error) {
	if err != nil {
		log.Fatal(err)
	}
}
func res(id string, r *rec) scim.Resource {
	c, m := r.Created, r.Modified
	x := scim.Resource{ID: id, Attributes: cp(r.A), Meta: scim.Meta{Created: &c, LastModified: &m}}
	if r.Ext != "" {
		x.ExternalID = optional.NewString(r.Ext)
	}
	return x
}
func (s *store) load(row *sql.Row) (string, *rec, bool) {
	var id, doc string
	if row.Scan(&id, &doc) != nil {
		return "", nil, false
	}
	var r rec
	json.Unmarshal([]byte(doc), &r)
	return id, &r, true
}
func (s *store) get(id string) (*rec, bool) {
	if s.db != nil {
		_, r, ok := s.load(s.qGet.QueryRow(id))
		if ok && s.key == "displayName" {
			var ms []interface{}
			rows, _ := s.qMem.Query(id)
			for rows.Next() {
				var u string
				rows.Scan(&u)
				ms = append(ms, map[string]interface{}{"value": u})
			}
			rows.Close()
			r.A["members"] = ms
		}
		return r, ok
	}
	r, ok := s.byID[id]
	return r, ok
}
func (s *store) Create(_ *http.Request, a attrs) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := strings.ToLower(fmt.Sprint(a[s.key]))
	id, now := newID(), time.Now().UTC()
	r := &rec{A: a, Created: now, Modified: now}
	if e, ok := a["externalId"].(string); ok {
		r.Ext = e
	}
	ms, _ := a["members"].([]interface{})
	if s.db != nil {
		tx, _ := s.db.Begin()
		if ms != nil {
			for _, m := range ms {
				tx.Stmt(s.qMemIns).Exec(id, m.(map[string]interface{})["value"])
			}
			r.A = cp(a)
			delete(r.A, "members")
		}
		d, _ := json.Marshal(r)
		if _, err := tx.Stmt(s.qIns).Exec(id, k, string(d)); err != nil {
			tx.Rollback()
			return scim.Resource{}, scimerr.ScimErrorUniqueness
		}
		if err := tx.Commit(); err != nil {
			return scim.Resource{}, err
		}
	} else {
		if _, dup := s.byKey[k]; dup {
			return scim.Resource{}, scimerr.ScimErrorUniqueness
		}
		s.byID[id], s.byKey[k] = r, id
		s.order = append(s.order, id)
		set := map[string]bool{}
		for _, m := range ms {
			set[m.(map[string]interface{})["value"].(string)] = true
		}
		s.members[id] = set
	}
	return res(id, r), nil
}
func (s *store) Get(_ *http.Request, id string) (scim.Resource, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r, ok := s.get(id); ok {
		return res(id, r), nil
	}
	return scim.Resource{}, scimerr.ScimErrorResourceNotFound(id)
}

var eqRe = regexp.MustCompile(`^(?i:userName|displayName) eq "(.*)"$`)

func (s *store) GetAll(q *http.Request, p scim.ListRequestParams) (scim.Page, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p.FilterValidator != nil {
		f, _ := url.QueryUnescape(q.URL.Query().Get("filter"))
		m := eqRe.FindStringSubmatch(f)
		if m == nil {
			return scim.Page{}, scimerr.ScimErrorInvalidFilter
		}
		if s.db != nil {
			if id, r, ok := s.load(s.qKey.QueryRow(m[1])); ok {
				return scim.Page{TotalResults: 1, Resources: []scim.Resource{res(id, r)}}, nil
			}
		} else if id, ok := s.byKey[strings.ToLower(m[1])]; ok {
			return scim.Page{TotalResults: 1, Resources: []scim.Resource{res(id, s.byID[id])}}, nil
		}
		return scim.Page{Resources: []scim.Resource{}}, nil
	}
	out := []scim.Resource{}
	if s.db != nil {
		var n int
		s.qCnt.QueryRow().Scan(&n)
		rows, err := s.qPage.Query(p.Count, p.StartIndex-1)
		if err != nil {
			return scim.Page{}, err
		}
		defer rows.Close()
		for rows.Next() {
			var id, d string
			rows.Scan(&id, &d)
			var r rec
			json.Unmarshal([]byte(d), &r)
			out = append(out, res(id, &r))
		}
		return scim.Page{TotalResults: n, Resources: out}, nil
	}
	for i := p.StartIndex - 1; i < len(s.order) && len(out) < p.Count; i++ {
		out = append(out, res(s.order[i], s.byID[s.order[i]]))
	}
	return scim.Page{TotalResults: len(s.order), Resources: out}, nil
}
func (s *store) Replace(_ *http.Request, id string, a attrs) (scim.Resource, error) {
	return scim.Resource{}, fmt.Errorf("not used by the bench")
}
func (s *store) Delete(_ *http.Request, id string) error { return fmt.Errorf("not used by the bench") }
func (s *store) Patch(_ *http.Request, id string, ops []scim.PatchOperation) (scim.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key == "displayName" { // members only; answers 204
		for _, op := range ops {
			if op.Op == "add" {
				vs, _ := op.Value.([]interface{})
				for _, v := range vs {
					u := v.(map[string]interface{})["value"].(string)
					if s.db != nil {
						if _, err := s.qMemIns.Exec(id, u); err != nil {
							return scim.Resource{}, err
						}
					} else if r, ok := s.byID[id]; !ok {
						return scim.Resource{}, scimerr.ScimErrorResourceNotFound(id)
					} else if !s.members[id][u] {
						s.members[id][u] = true
						ms, _ := r.A["members"].([]interface{})
						na := cp(r.A)
						na["members"] = append(ms, map[string]interface{}{"value": u})
						s.byID[id] = &rec{A: na, Ext: r.Ext, Created: r.Created, Modified: time.Now().UTC()}
					}
				}
			} else if op.Op == "remove" && op.Path != nil && op.Path.ValueExpression != nil {
				m := regexp.MustCompile(`"(.*)"`).FindStringSubmatch(fmt.Sprint(op.Path.ValueExpression))
				if m == nil {
					return scim.Resource{}, scimerr.ScimErrorInvalidPath
				}
				if s.db != nil {
					s.qMemDel.Exec(id, m[1])
				} else if r := s.byID[id]; s.members[id][m[1]] {
					delete(s.members[id], m[1])
					ms, _ := r.A["members"].([]interface{})
					nm := make([]interface{}, 0, len(ms))
					for _, x := range ms {
						if x.(map[string]interface{})["value"] != m[1] {
							nm = append(nm, x)
						}
					}
					na := cp(r.A)
					na["members"] = nm
					s.byID[id] = &rec{A: na, Ext: r.Ext, Created: r.Created, Modified: time.Now().UTC()}
				}
			}
		}
		return scim.Resource{}, nil
	}
	r, ok := s.get(id)
	if !ok {
		return scim.Resource{}, scimerr.ScimErrorResourceNotFound(id)
	}
	n := &rec{A: cp(r.A), Ext: r.Ext, Created: r.Created, Modified: time.Now().UTC()}
	for _, op := range ops {
		if op.Path != nil && (op.Op == "replace" || op.Op == "add") {
			n.A[op.Path.AttributePath.AttributeName] = op.Value
		}
	}
	if s.db != nil {
		d, _ := json.Marshal(n)
		if _, err := s.qUpd.Exec(n.A[s.key], string(d), id); err != nil {
			return scim.Resource{}, err
		}
	} else {
		s.byID[id] = n
	}
	return res(id, n), nil
}
func main() {
	var db *sql.DB
	if len(os.Args) > 3 {
		var err error
		if db, err = sql.Open("sqlite3", "file:"+os.Args[3]+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000"); err != nil {
			log.Fatal(err)
		}
	}
	srv, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{SupportFiltering: true, SupportPatch: true, MaxResults: 200},
		ResourceTypes: []scim.ResourceType{
			{ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: schema.CoreUserSchema(),
				SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}}, Handler: newStore(db, "users", "userName")},
			{ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: schema.CoreGroupSchema(), Handler: newStore(db, "grps", "displayName")},
		}})
	if err != nil {
		log.Fatal(err)
	}
	tok := "Bearer " + os.Args[2]
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != tok {
			w.WriteHeader(401)
			return
		}
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/scim")
		srv.ServeHTTP(w, r)
	})))
}
